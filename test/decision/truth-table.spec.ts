import { expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { truthTable } from './truth-table.js';

const PAGE = fileURLToPath(new URL('../../docs/truth-table.md', import.meta.url));

/** `WRITE_TRUTH_TABLE=1` writes the page; without it the page is compared with the rule. */
it('the published truth table is what the rule answers', () => {
  const computed = truthTable();
  if (process.env['WRITE_TRUTH_TABLE'] === '1') writeFileSync(PAGE, computed);
  if (readFileSync(PAGE, 'utf8') !== computed) {
    throw new Error(
      'docs/truth-table.md is out of date: run "npm run truth-table", read the difference, keep both together.',
    );
  }
  expect(computed).toContain('## 7. Reasons');
});
