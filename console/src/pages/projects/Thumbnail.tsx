import { useElementSize, useLocalStorage, useMergedRef } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { Mark } from './Mark';
import { place } from './places';
import classes from './Thumbnail.module.css';

const PATIENCE_MS = 6000;
const WIDTH = 1280;

// Their pages are made by scripts, which do not run here: what would be seen is an empty page.
const MADE_BY_SCRIPTS = new Set(['vite', 'create-react-app', 'vue', 'angular', 'parcel', 'preact', 'svelte', 'ember', 'ionic-react', 'ionic-angular', 'rsbuild', 'webpack', 'trunk', 'expo', 'quasar', 'storybook']);

// Whether the box is on the screen, and there is a place to load in.
function useTurn(wanted: boolean): [React.RefObject<HTMLDivElement | null>, boolean] {
    const box = useRef<HTMLDivElement>(null);
    const [turn, setTurn] = useState(false);
    useEffect(() => {
        if (!wanted || !box.current) {
            return undefined;
        }
        let leave: (() => void) | undefined;
        const seen = new IntersectionObserver(
            entries => {
                const shown = entries.at(-1)?.isIntersecting ?? false;
                if (shown && !leave) {
                    leave = place(() => setTurn(true));
                } else if (!shown && leave) {
                    leave();
                    leave = undefined;
                    setTurn(false);
                }
            },
            { rootMargin: '120px' },
        );
        seen.observe(box.current);
        return () => {
            seen.disconnect();
            leave?.();
            setTurn(false);
        };
    }, [wanted]);
    return [box, turn];
}

// What there is a picture of: a project by its id and name, and which deployment answers at the address, if any does.
export interface Pictured {
    id: string;
    name: string;
    framework: string | null;
    url: string;
    version: string | null;
    open: boolean; // visitors need no proof
}

// Whether this browser shows live sites as pictures in lists too. Each is a visit of that site, counted as everybody's, and
// what its page complains about stands in the browser's console: for many sites at once somebody has to want it.
export function useLivePictures() {
    return useLocalStorage({ key: 'clouddeck.pictures', defaultValue: false, getInitialValueInEffect: false });
}

// How a site looks: its page, small, without scripts and out of everybody's reach; where one site is what the page is about
// (`alone`), and in lists for whoever wants that. Under it lies the drawn picture, which stays where nothing is live, where
// visitors have to prove who they are, and where the page does not come.
export function Thumbnail({ of, alone = false }: { of: Pictured; alone?: boolean }) {
    const [wanted] = useLivePictures();
    const shows = (alone || wanted) && of.open && of.version !== null && !MADE_BY_SCRIPTS.has(of.framework ?? '');
    const [box, turn] = useTurn(shows);
    const { ref: size, width } = useElementSize<HTMLDivElement>();
    const [state, setState] = useState<'loading' | 'there' | 'late'>('loading');
    const { version } = of;
    useEffect(() => {
        setState('loading');
        if (!turn) {
            return undefined;
        }
        const late = setTimeout(() => setState(now => (now === 'there' ? now : 'late')), PATIENCE_MS);
        return () => clearTimeout(late);
    }, [turn, version]);
    return (
        <div className={classes.box} ref={useMergedRef(box, size)}>
            <Mark id={of.id} name={of.name} />
            {turn && state !== 'late' && width > 0 && (
                <iframe
                    key={version}
                    className={`${classes.site} ${state === 'there' ? classes.there : ''}`}
                    style={{ '--scale': width / WIDTH } as React.CSSProperties}
                    src={of.url}
                    title={`How ${of.name} looks`}
                    sandbox=""
                    referrerPolicy="no-referrer"
                    tabIndex={-1}
                    aria-hidden="true"
                    onLoad={() => setState('there')}
                />
            )}
        </div>
    );
}
