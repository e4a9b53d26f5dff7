import { Roles1795262400001 } from './1795262400001-roles.js';
import { People1795262400002 } from './1795262400002-people.js';
import { Consent1795262400003 } from './1795262400003-consent.js';
import { Guardianship1795262400004 } from './1795262400004-guardianship.js';
import { Care1795262400005 } from './1795262400005-care.js';
import { Visits1795262400006 } from './1795262400006-visits.js';
import { AuditLog1795262400007 } from './1795262400007-audit-log.js';

/** Every migration, oldest first. Named here one by one, so that compiled and uncompiled code find the same ones. */
export const MIGRATIONS = [
  Roles1795262400001,
  People1795262400002,
  Consent1795262400003,
  Guardianship1795262400004,
  Care1795262400005,
  Visits1795262400006,
  AuditLog1795262400007,
] as const;
