// Why nobody came back from a provider: the codes that the API puts into the address, as sentences. docs/errors.md has all.
const SAID: Record<string, string> = {
    access_denied: 'You refused at the provider, or it refused you.',
    provider_refused: 'The provider did not accept the sign-in. If it happens again, how it is set up here may be wrong.',
    provider_invalid: 'The provider answered something that cannot be believed, so nobody was signed in.',
    provider_unavailable: 'The provider does not answer. Try again in a moment.',
    id_token_invalid: 'What the provider signed is not good for this sign-in. Try again.',
    state_invalid: 'This sign-in is unknown, was finished, or took over ten minutes.',
    sso_changed: 'The team changed its single sign-on while you were at the provider.',
    sso_domain_mismatch: 'The provider names an address at a domain that the team has not proven.',
    sso_email_unverified: 'The provider says that it never verified your address.',
};

export function refusal(code: string): string {
    return SAID[code] ?? (/^[a-z_]{3,60}$/.test(code) ? `The sign-in was not finished: ${code}.` : 'The sign-in was not finished.');
}
