import { TextInput } from '@mantine/core';
import type { Detection } from './detect';
import type { Settings } from './plan';

const FIELDS: { name: keyof Settings; label: string; about: string }[] = [
    { name: 'root', label: 'Folder of the site', about: 'Within the repository, where it is not at the top.' },
    { name: 'install_command', label: 'Install command', about: '' },
    { name: 'build_command', label: 'Build command', about: '' },
    { name: 'output_directory', label: 'Output folder', about: '' },
    { name: 'node_version', label: 'Node.js version', about: 'Such as 20 or 22.4.' },
];

// What to do otherwise than what is found out. Empty fields are found out.
export function BuildSettings({ of, change, found }: { of: Settings; change: (settings: Settings) => void; found: Detection | undefined }) {
    const hints: Settings = {
        root: found?.root ?? '',
        install_command: found?.install ?? '',
        build_command: found?.build ?? '',
        output_directory: found?.output ?? '',
        node_version: found?.node ?? '',
    };
    return (
        <div className="columns">
            {FIELDS.map(({ name, label, about }) => (
                <TextInput
                    key={name}
                    label={label}
                    description={about || undefined}
                    placeholder={hints[name] || 'found out'}
                    classNames={{ input: 'mono' }}
                    value={of[name]}
                    onChange={event => change({ ...of, [name]: event.currentTarget.value })}
                    autoComplete="off"
                    spellCheck={false}
                />
            ))}
        </div>
    );
}
