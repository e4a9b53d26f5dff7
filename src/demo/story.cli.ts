import { resolve } from 'node:path';
import { demoSystemsFile, readDemoSystems } from './network-systems.js';
import { StoryBroken } from './story-teller.js';
import { playStory } from './story.js';

/*
 * npm run story: plays one day against the registry that runs at PUBLIC_URL (http://localhost:PORT unless told, PORT 3000), with the keys of the
 * demo systems from DATA_FOLDER (./data unless told). Ends with code 1 at the first thing that is not as it should be.
 */

/** Plays the story and prints it. */
async function main(): Promise<void> {
  const { PUBLIC_URL, PORT = '3000' } = process.env;
  const publicUrl = (PUBLIC_URL ?? `http://localhost:${PORT}`).replace(/\/$/, '');
  const dataFolder = resolve(process.env['DATA_FOLDER'] ?? './data');
  const systems = readDemoSystems(dataFolder);
  if (!systems) {
    console.error(
      `There is no ${demoSystemsFile(dataFolder)}: start the demonstration first, with npm start.`,
    );
    process.exitCode = 1;
    return;
  }
  console.log(`One day at the consent registry at ${publicUrl}`);
  const { steps, entries } = await playStory({
    publicUrl,
    systems,
    print: (line) => {
      console.log(line);
    },
  });
  console.log(`\nThe story ends well: ${String(steps)} steps, ${String(entries)} entries of the log found.`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof StoryBroken ? `\n${error.message}` : error);
  process.exitCode = 1;
}
