import { SegmentedControl, Stack, Text } from '@mantine/core';
import { IconSparkles } from '@tabler/icons-react';
import { Notice } from '@/parts/Notice';
import { Framework, frameworkName } from '../Framework';
import type { Detection } from './detect';
import classes from './New.module.css';

// What the folder is, why we think so, and what will be done with it.
export function Found({ of, built, setBuilt }: { of: Detection; built: boolean; setBuilt: (built: boolean) => void }) {
    const steps = [
        ['Install', of.install],
        ['Build', of.build],
        ['Publishes', of.output],
    ].filter(([, what]) => what);
    return (
        <Stack gap="sm">
            <div className={classes.found} aria-live="polite">
                <span className={classes.sign}>{of.framework ? <Framework of={of.framework} /> : <IconSparkles size={18} />}</span>
                <div style={{ minWidth: 0 }}>
                    <strong>{of.name ?? (of.framework ? frameworkName(of.framework) : 'Nothing we know')}</strong>
                    {of.why.length > 0 && (
                        <Text size="sm" className="soft">
                            {of.why.join('; ')}
                        </Text>
                    )}
                    {built && steps.length > 0 && (
                        <dl className={classes.steps}>
                            {steps.map(([name, what]) => (
                                <div key={name}>
                                    <dt>{name}</dt>
                                    <dd className="mono">{what}</dd>
                                </div>
                            ))}
                        </dl>
                    )}
                </div>
            </div>
            {built && of.error && (
                <Notice tone="warn" title={of.error.message}>
                    {of.error.hint}
                </Notice>
            )}
            {built && of.warnings.map(warning => <Notice key={warning} tone="warn" title={warning} />)}
            <SegmentedControl
                aria-label="What is done with the folder"
                value={built ? 'build' : 'as-is'}
                onChange={value => setBuilt(value === 'build')}
                data={[
                    { value: 'build', label: 'Build it' },
                    { value: 'as-is', label: 'Publish it as it is' },
                ]}
            />
        </Stack>
    );
}
