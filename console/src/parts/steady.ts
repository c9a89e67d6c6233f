import { useEffect } from 'react';

// Browsers take the keyboard away from a button that is disabled, as it is while what it began goes on. When that is
// over, and nobody went elsewhere meanwhile, the keyboard is on it again.
export function useSteadyFocus(): void {
    useEffect(() => {
        const watching = new MutationObserver(([change]) => {
            const button = change?.target as HTMLButtonElement;
            if (!button.disabled && (document.activeElement ?? document.body) === document.body) {
                button.focus({ preventScroll: true });
            }
        });
        const on = ({ target }: FocusEvent) => {
            watching.disconnect();
            if (target instanceof HTMLButtonElement) {
                watching.observe(target, { attributes: true, attributeFilter: ['disabled'] });
            }
        };
        document.addEventListener('focusin', on);
        return () => {
            watching.disconnect();
            document.removeEventListener('focusin', on);
        };
    }, []);
}
