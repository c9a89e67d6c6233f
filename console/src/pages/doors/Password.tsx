import { PasswordInput } from '@mantine/core';

export const SHORTEST = 10;

// A password that is chosen, not asked for.
export function Password({ label = 'Password', value, error, onChange, autoFocus }: { label?: string; value: string; error?: string; onChange: (value: string) => void; autoFocus?: boolean }) {
    return (
        <PasswordInput
            label={label}
            name="password"
            description={`${SHORTEST} characters or more. A few words that belong to nobody else are best.`}
            required
            autoFocus={autoFocus}
            minLength={SHORTEST}
            autoComplete="new-password"
            value={value}
            error={error}
            onChange={event => onChange(event.currentTarget.value)}
        />
    );
}
