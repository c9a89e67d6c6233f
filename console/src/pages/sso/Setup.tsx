import { IconCheck } from '@tabler/icons-react';
import type { Schema } from '@/api/query';
import { useInAddress } from '@/parts/address';
import { Notice } from '@/parts/Notice';
import { Domains } from './Domains';
import { Enforce } from './Enforce';
import { Provider } from './Provider';
import { Removal } from './Removal';
import classes from './Setup.module.css';
import { Trial } from './Trial';

export type Sso = Schema<'SsoView'>;
export type Domain = Schema<'AccountsDomainView'>;

const LAST = 3;

// The step that comes next, by what is there.
export function next(domains: Domain[], sso: Sso | undefined): number {
    if (!domains.some(one => one.state === 'proven')) {
        return 0;
    }
    return sso === undefined ? 1 : sso.tried_at === null ? 2 : 3;
}

export function Setup({ team, id, manages, domains, sso }: { team: string; id: string; manages: boolean; domains: Domain[]; sso: Sso | undefined }) {
    const reached = next(domains, sso);
    const [chosen, open] = useInAddress('step', '');
    const active = chosen === '' ? reached : Math.min(Math.max(Number(chosen) - 1 || 0, 0), LAST);
    const choose = (number: number | undefined) => open(number === undefined ? null : String(number + 1));
    const steps = [
        { label: 'Domains', about: 'Whose addresses', done: domains.some(one => one.state === 'proven') },
        { label: 'Provider', about: 'Who knows them', done: sso !== undefined },
        { label: 'Try it', about: 'Before others do', done: sso !== undefined && sso.tried_at !== null },
        { label: 'Enforce', about: 'The only way in', done: sso?.enforced ?? false },
    ];
    return (
        <>
            {!manages && <Notice title="Owners set this up">You see how it is. Whoever names the identity provider can become anybody of the team's domains.</Notice>}
            <ol className={classes.steps}>
                {steps.map((step, number) => (
                    <li key={step.label}>
                        <button type="button" className={classes.step} data-done={step.done} aria-current={number === active ? 'step' : undefined} onClick={() => choose(number)}>
                            <span className={classes.number} aria-hidden="true">
                                {step.done ? <IconCheck size={16} stroke={3} /> : number + 1}
                            </span>
                            <span>
                                <strong>{step.label}</strong>
                                <span className="soft">{step.done ? 'Done' : step.about}</span>
                            </span>
                        </button>
                    </li>
                ))}
            </ol>
            {active === 0 && <Domains team={team} manages={manages} domains={domains} onNext={() => choose(1)} />}
            {active === 1 && <Provider key={sso?.updated_at ?? 'none'} team={team} id={id} manages={manages} sso={sso} onNext={() => choose(2)} />}
            {active === 2 && <Trial team={team} domains={domains} sso={sso} onNext={() => choose(3)} />}
            {active === LAST && <Enforce team={team} manages={manages} domains={domains} sso={sso} />}
            {manages && sso && <Removal team={team} onDone={() => choose(undefined)} />}
        </>
    );
}
