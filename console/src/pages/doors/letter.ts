import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

// What a link carried in its query, such as the token of a mail. It leaves the address as soon as it was read, so that it
// stands in no history, screen picture or `Referer`; this tab remembers it, so that reloading changes nothing.
export function useLetter(name: string): [value: string, forget: () => void] {
    const { pathname, searchStr } = useLocation();
    const navigate = useNavigate();
    const kept = `clouddeck.letter${pathname}/${name}`;
    const [value, setValue] = useState(() => new URLSearchParams(searchStr).get(name) ?? sessionStorage.getItem(kept) ?? '');
    useEffect(() => {
        const given = new URLSearchParams(searchStr).get(name);
        if (given === null) {
            return;
        }
        sessionStorage.setItem(kept, given);
        setValue(given);
        void navigate({ to: '.', search: (before: Record<string, unknown>) => ({ ...before, [name]: undefined }), replace: true } as never);
    }, [searchStr, kept, name, navigate]);
    const forget = () => sessionStorage.removeItem(kept);
    return [value, forget];
}
