import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { Sheet } from '@/parts/Sheet';
import { found } from './found';
import { useOffers } from './offers';
import classes from './Search.module.css';

const PATIENCE_MS = 120;

// A field and what fits what is typed in it: pages, projects, deeds. Arrows choose, Enter goes.
export function Palette({ close }: { close: () => void }) {
    const [typed, type] = useState('');
    const [asked] = useDebouncedValue(typed.trim(), PATIENCE_MS);
    const { offers, asking } = useOffers(asked, close);
    const shown = found(offers, typed);
    const [chosen, choose] = useState(0);
    const at = Math.min(chosen, shown.length - 1);
    const id = useId();
    const list = useRef<HTMLDivElement>(null);
    useEffect(() => {
        list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
    }, [at]);

    const press = (event: KeyboardEvent) => {
        const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
        if (to !== undefined && shown.length > 0 && !(typed && /Home|End/.test(event.key))) {
            event.preventDefault();
            choose((to + shown.length) % shown.length);
        } else if (event.key === 'Enter') {
            event.preventDefault();
            shown[at]?.go();
        }
    };
    return (
        <Sheet opened onClose={close} withCloseButton={false} padding={0} size={600} centered={false} yOffset="10dvh" title={undefined} aria-label="Search">
            <TextInput
                className={classes.input}
                variant="unstyled"
                size="md"
                px="md"
                leftSection={<IconSearch size={18} />}
                placeholder="A page, a project, something to do"
                value={typed}
                onChange={event => {
                    type(event.currentTarget.value);
                    choose(0);
                }}
                onKeyDown={press}
                role="combobox"
                aria-label="Search pages, projects and actions"
                aria-expanded="true"
                aria-controls={id}
                aria-activedescendant={shown[at] ? `${id}-${at}` : undefined}
                aria-autocomplete="list"
                data-autofocus
                autoComplete="off"
                spellCheck={false}
            />
            <div className={classes.list} id={id} role="listbox" aria-label="Found" aria-busy={asking} ref={list}>
                {shown.map((offer, index) => (
                    <div key={offer.id} role="presentation">
                        {offer.group !== shown[index - 1]?.group && (
                            <div className={classes.group} role="presentation">
                                {offer.group}
                            </div>
                        )}
                        <div
                            id={`${id}-${index}`}
                            role="option"
                            aria-selected={index === at}
                            className={classes.option}
                            onMouseMove={() => choose(index)}
                            onClick={offer.go}
                        >
                            {offer.icon}
                            <span className="clip">{offer.label}</span>
                            {offer.about && <span className={classes.about}>{offer.about}</span>}
                        </div>
                    </div>
                ))}
                {shown.length === 0 && (
                    <div className={classes.nothing} role="status">
                        {asking ? 'Searching' : `Nothing is called ${typed.trim()}.`}
                    </div>
                )}
            </div>
        </Sheet>
    );
}
