import { useNavigate, useSearch } from '@tanstack/react-router';

// A part of the page that stands in the address, such as which tab is open, so that links and "back" know it.
export function useInAddress(name: string, otherwise: string): [string, (value: string | null) => void] {
    const search = useSearch({ strict: false }) as Record<string, unknown>;
    const navigate = useNavigate();
    const set = (value: string | null) =>
        void navigate({ to: '.', search: ((before: Record<string, unknown>) => ({ ...before, [name]: value === null || value === otherwise ? undefined : value })) as never, replace: true });
    return [search[name] === undefined ? otherwise : String(search[name]), set];
}
