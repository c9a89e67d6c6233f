// What each event is to people.
const WORDS: Record<string, { label: string; about: string }> = {
    'deployment.failed': { label: 'A deployment failed', about: 'With the reason, and a way to its log.' },
    'deployment.ready': { label: 'A deployment is ready', about: 'With a way to the site.' },
    'rollout.completed': { label: 'A rollout is through', about: 'Every visitor sees the new version.' },
    'rollout.aborted': { label: 'A rollout was aborted', about: 'Visitors see the version before it again.' },
    'rollout.paused': { label: 'A rollout waits for you', about: 'Its numbers let nobody decide but a person.' },
    'domain.active': { label: 'A domain works', about: 'Its records and its certificate are in place.' },
    'domain.failed': { label: 'A domain needs you', about: 'It is misconfigured, claimed elsewhere, or failed.' },
    'domain.expiring': { label: 'A certificate ends soon', about: 'It was not renewed in time.' },
};

export function words(event: string): { label: string; about: string } {
    return WORDS[event] ?? { label: event.replace('.', ' '), about: '' };
}
