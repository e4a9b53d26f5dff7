/**
 * The walls of the house. Arrows point to the core: api → access → core; jobs, store and mail → core. Only the wiring
 * (files directly under src/) and the demonstration see everything. Tests stand outside the walls.
 */

const TEST = '\\.spec\\.ts$';

/** A room may import what lies in it, the rooms named, and packages; nothing else of ours. */
function room(name, ...others) {
  return {
    name: `${name}-sees-only-${['itself', ...others].join('-')}`,
    severity: 'error',
    from: { path: `^src/${name}/`, pathNot: TEST },
    to: { path: '^(src|migrations|bench|test)/', pathNot: [name, ...others].map((one) => `^src/${one}/`) },
  };
}

export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'imports-lead-somewhere',
      severity: 'error',
      from: {},
      // What is built may not be there yet; some tests drive it as it will run.
      to: { couldNotResolve: true, pathNot: '/dist/' },
    },
    {
      name: 'core-imports-only-itself-and-crypto',
      comment: 'If a rule about consent needs Nest, SQL or HTTP to express, it is in the wrong room.',
      severity: 'error',
      from: { path: '^src/core/', pathNot: TEST },
      to: { pathNot: ['^src/core/', '^(node:)?crypto$'] },
    },
    room('access', 'core'),
    // What commands are made of; the commands themselves (*.cli.ts) are wiring.
    room('cli', 'access', 'core'),
    room('jobs', 'core'),
    room('mail', 'core'),
    // Storage runs the migrations, so it alone may name them.
    {
      ...room('store', 'core'),
      to: { path: '^(src|migrations|bench|test)/', pathNot: ['^src/(store|core)/', '^migrations/'] },
    },
    room('api', 'access', 'core'),
    {
      name: 'a-new-room-needs-a-wall',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/(access|api|cli|core|demo|jobs|mail|store)/' },
      to: {},
    },
    {
      name: 'no-door-knows-another',
      severity: 'error',
      from: { path: '^src/api/([^/]+)/', pathNot: TEST },
      to: { path: '^src/api/', pathNot: ['^src/api/$1/', '^src/api/shared/'] },
    },
    {
      name: 'what-doors-share-knows-no-door',
      severity: 'error',
      from: { path: '^src/api/(shared/|[^/]+\\.ts$)', pathNot: TEST },
      to: { path: '^src/api/', pathNot: '^src/api/(shared/|[^/]+\\.ts$)' },
    },
    {
      name: 'sql-stays-in-the-store',
      comment:
        'The store is the only place with TypeORM and SQL; the demonstration starts a server of its own.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: [TEST, '^src/(store|demo)/'] },
      to: { path: '^node_modules/(typeorm|pg)/' },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'A merged migration never changes, so it must not depend on code that does.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^(src|bench|test)/' },
    },
    {
      name: 'the-product-needs-no-tests',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: TEST },
      to: { path: ['^(test|bench)/', TEST] },
    },
    {
      name: 'the-product-needs-no-development-package',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
