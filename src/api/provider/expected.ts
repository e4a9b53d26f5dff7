/** What the texts of a question look like. */
export const PATTERNS = {
  professionalId: /^[A-Za-z0-9]{1,60}$/,
  role: /^\d{2}\.\d{3}$/,
  exchangeSystem: /^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,99}$/,
} as const;

/** What a caller reads when a field of a question is refused; said the same by both validators. */
export const ASKED = {
  party: 'Give a care provider: an object with ura and type.',
  professional: 'Give the professional as an object with id, or leave it out.',
  professionalId: 'Give 1 to 60 letters and digits.',
  role: 'Give a role code written NN.NNN, such as 01.015.',
  exchangeSystem: 'Name the exchange system in 1 to 100 letters, digits, spaces and . _ : / -',
  automatic: 'Give true or false.',
  dataCategories: 'Give one to three different data categories: GGC002, GGC012 or GGC013.',
  checks: 'Give a list of 1 to 1000 checks.',
} as const;
