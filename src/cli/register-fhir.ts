import { Failure } from '../core/failure.js';
import type { Complaint, FieldNames, RegisterReading, RegisterRow } from '../core/provider/import.js';

const URA_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/ura';
const TYPE_SYSTEM = 'http://nictiz.nl/fhir/NamingSystem/organization-type';

const FIELD_NAMES: FieldNames = {
  ura: `identifier of system ${URA_SYSTEM}`,
  name: 'name',
  place: 'address[0].city',
  types: `type.coding of system ${TYPE_SYSTEM}`,
};

/** Reads FHIR R4 Organizations, one to a line (NDJSON). Blank lines are passed over. */
export async function readOrganizationLines(
  text: AsyncIterable<string>,
  reading: RegisterReading,
  met: () => void,
): Promise<void> {
  reading.fieldNames = FIELD_NAMES;
  let number = 0;
  for await (const line of linesOf(text)) {
    number += 1;
    if (line.trim() === '') continue;
    const resource = parseJson(line);
    if (resource === undefined) {
      reading.refuse(`line ${number}`, [
        { field: 'all', problem: 'is not JSON; one Organization is expected on each line' },
      ]);
    } else takeOrganization(`line ${number}`, resource, reading);
    met();
  }
}

/** Reads the Organizations of one FHIR R4 Bundle, or one Organization. Refuses anything else with INPUT_INVALID. */
export function readBundle(text: string, reading: RegisterReading, met: () => void): void {
  reading.fieldNames = FIELD_NAMES;
  const document = parseJson(text);
  if (document === undefined) throw new Failure('INPUT_INVALID', 'The file is not JSON.');
  const { resourceType, entry } = isRecord(document) ? document : {};
  if (resourceType !== 'Bundle' && resourceType !== 'Organization') {
    throw new Failure('INPUT_INVALID', 'The file holds neither a FHIR Bundle nor an Organization.');
  }
  const entries = resourceType === 'Bundle' ? listOf(entry) : [{ resource: document }];
  for (const [index, each] of entries.entries()) {
    takeOrganization(`entry ${index + 1}`, isRecord(each) ? each['resource'] : undefined, reading);
    met();
  }
}

/** Whether a text that begins with this line holds one resource to a line. */
export function looksLikeLines(firstLine: string): boolean {
  const first = parseJson(firstLine);
  return isRecord(first) && first['resourceType'] !== 'Bundle';
}

function takeOrganization(place: string, resource: unknown, reading: RegisterReading): void {
  const where = `${place}${nameOf(resource)}`;
  const complaints = complaintsAbout(resource);
  if (complaints.length > 0 || !isRecord(resource)) reading.refuse(where, complaints);
  else reading.take(where, rowOf(resource));
}

/** What keeps a resource from being a provider at all. */
function complaintsAbout(resource: unknown): readonly Complaint[] {
  if (!isRecord(resource) || resource['resourceType'] !== 'Organization') {
    return [{ field: 'resourceType', problem: 'is another; an Organization is expected' }];
  }
  const complaints: Complaint[] = [];
  if (resource['active'] === false) {
    complaints.push({ field: 'active', problem: 'is false; only organizations in service are expected' });
  }
  if (urasOf(resource).length > 1) {
    complaints.push({
      field: FIELD_NAMES.ura,
      problem: 'is there more than once; one URA number is expected',
    });
  }
  return complaints;
}

function rowOf(organization: Record<string, unknown>): RegisterRow {
  const [address] = listOf(organization['address']);
  return {
    ura: urasOf(organization)[0] ?? '',
    name: textOf(organization['name']),
    place: isRecord(address) ? textOf(address['city']) : '',
    types: listOf(organization['type'])
      .flatMap((type) => (isRecord(type) ? listOf(type['coding']) : []))
      .flatMap((coding) =>
        isRecord(coding) && coding['system'] === TYPE_SYSTEM ? [textOf(coding['code'])] : [],
      ),
  };
}

function urasOf(organization: Record<string, unknown>): readonly string[] {
  return listOf(organization['identifier']).flatMap((identifier) =>
    isRecord(identifier) && identifier['system'] === URA_SYSTEM ? [textOf(identifier['value'])] : [],
  );
}

/** ` (Organization/abc)`; only ids as FHIR allows them, so that nothing else gets into the report. */
function nameOf(resource: unknown): string {
  const id = isRecord(resource) ? textOf(resource['id']) : '';
  return /^[A-Za-z0-9\-.]{1,64}$/.test(id) ? ` (Organization/${id})` : '';
}

/** JSON says where a line ends: at a line feed and nowhere else (a U+2028 inside a text is no end). */
async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const part of text) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
