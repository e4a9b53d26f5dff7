import { isBsn } from '../../core/person/bsn.js';

/** Nine digits in a row, or written in groups as people and letters do; not a part of a longer number. */
const LIKE_A_BSN = /(?<!\d)(?:\d{9}|\d{4}[ .-]\d{2}[ .-]\d{3}|\d{3}[ .-]\d{3}[ .-]\d{3})(?!\d)/g;

/**
 * Puts [bsn] in place of every nine-digit number that passes the 11-test. Takes away more than BSNs: one in eleven of all
 * nine-digit numbers passes. Does NOT find a BSN that is encoded (base64, split over lines).
 */
export function redact(text: string): string {
  return text.replace(LIKE_A_BSN, (found) => (isBsn(found.replace(/\D/g, '')) ? '[bsn]' : found));
}
