import { createHash } from 'node:crypto';
import { ageOn, dayInAmsterdam } from '../core/person/age.js';
import type { Language } from '../core/person/person.js';
import { ASSURANCE_LEVELS, DEFAULT_LEVEL, type DemoAuditor, type DemoPerson } from './identity-people.js';

const WORDS = {
  nl: {
    title: 'Inloggen voor de demo',
    noticeTitle: 'Dit is niet DigiD',
    notice:
      'Dit is een oefenpagina op je eigen computer. Ze doet alsof ze DigiD is. De personen hieronder bestaan niet. Vul hier nooit echte gegevens in.',
    level: 'Betrouwbaarheidsniveau',
    levelHint: 'Het register vraagt Substantieel of Hoog. Een lager niveau weigert het.',
    pick: 'Kies als wie je inlogt',
    age: (years: number) => `${String(years)} jaar`,
    cancel: 'Annuleren',
    wrongTitle: 'Inloggen lukt niet',
    wrong:
      'Deze poging om in te loggen is verlopen of klopt niet. Ga terug naar de website en begin opnieuw.',
  },
  en: {
    title: 'Sign in for the demo',
    noticeTitle: 'This is not DigiD',
    notice:
      'This is a practice page on your own computer. It stands in for DigiD. The people below do not exist. Never enter real details here.',
    level: 'Level of assurance',
    levelHint: 'The registry asks for Substantial or High. It refuses a lower level.',
    pick: 'Choose whom to sign in as',
    age: (years: number) => `aged ${String(years)}`,
    cancel: 'Cancel',
    wrongTitle: 'Signing in does not work',
    wrong: 'This attempt to sign in has expired or is not right. Go back to the website and start again.',
  },
} as const;

const STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f6f8; color: #1b2430; font: 1.0625rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 40rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 1rem; }
h2 { font-size: 1.15rem; margin: 0 0 .25rem; }
.notice { background: #fff3cd; border: 3px solid #7a5200; border-radius: .5rem; padding: 1rem; }
.notice p { margin: 0; }
.notice strong { font-size: 1.25rem; }
fieldset { border: 1px solid #6b7785; border-radius: .5rem; background: #fff; padding: .5rem 1rem .75rem; margin: 0 0 1.5rem; }
legend { float: left; width: 100%; font-weight: 600; padding: 0; }
legend + * { clear: both; }
.hint { margin: 0 0 .25rem; }
label { display: flex; align-items: center; gap: .6rem; min-height: 2.75rem; }
input { width: 1.35rem; height: 1.35rem; margin: 0; accent-color: #154273; flex: none; }
ul { list-style: none; padding: 0; margin: 0 0 1.5rem; display: grid; gap: .6rem; }
button { font: inherit; color: inherit; cursor: pointer; min-height: 2.75rem; border-radius: .5rem; padding: .7rem 1rem; }
.person { width: 100%; text-align: start; background: #fff; border: 1px solid #6b7785; }
.person:hover { background: #e8f0f8; border-color: #154273; }
.person strong { color: #154273; }
.story { display: block; }
.cancel { background: transparent; border: 2px solid #154273; color: #154273; font-weight: 600; }
:focus-visible { outline: 3px solid #154273; outline-offset: 3px; }
`;

/** Lets the page use its own style sheet and nothing else from anywhere. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (found) => `&#${String(found.charCodeAt(0))};`);
}

function page(language: Language, title: string, main: string): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<div class="notice" role="note"><p><strong>${escape(WORDS[language].noticeTitle)}</strong></p><p>${escape(WORDS[language].notice)}</p></div>
<h1>${escape(title)}</h1>
${main}
</main>
</body>
</html>
`;
}

/** The page on which a demo person or auditor is picked: plain HTML, one form, no script. */
export function pickingPage(
  language: Language,
  who: readonly (DemoPerson | DemoAuditor)[],
  today = dayInAmsterdam(new Date()),
): string {
  const words = WORDS[language];
  const levels = Object.entries(ASSURANCE_LEVELS).map(
    ([acr, names]) =>
      `<label><input type="radio" name="level" value="${acr}"${acr === DEFAULT_LEVEL ? ' checked' : ''}>${names[language]}</label>`,
  );
  const buttons = who.map((one) => {
    const bornOn = 'bornOn' in one ? one.bornOn : undefined;
    const age = bornOn === undefined ? '' : `, ${words.age(ageOn(bornOn, today))}`;
    const story = 'story' in one ? one.story[language] : one.roles.join(', ');
    return `<li><button class="person" name="person" value="${escape(one.id)}"><strong>${escape(one.name)}</strong>${escape(age)} <span class="story">${escape(story)}</span></button></li>`;
  });
  return page(
    language,
    words.title,
    `<form method="post">
<fieldset aria-describedby="level-hint"><legend>${escape(words.level)}</legend>
<p class="hint" id="level-hint">${escape(words.levelHint)}</p>
${levels.join('\n')}
</fieldset>
<h2 id="pick">${escape(words.pick)}</h2>
<ul aria-labelledby="pick">
${buttons.join('\n')}
</ul>
<button class="cancel" name="cancel" value="yes">${escape(words.cancel)}</button>
</form>`,
  );
}

/** The page for an attempt that can't go on. `detail`: a technical word for whoever is building. */
export function wrongPage(language: Language, detail: string): string {
  const words = WORDS[language];
  return page(
    language,
    words.wrongTitle,
    `<p>${escape(words.wrong)}</p>\n<p><small>${escape(detail)}</small></p>`,
  );
}
