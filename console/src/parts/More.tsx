import { Button, Center } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

// The way to the next page of a list. At its end whoever went there is told so, and the keyboard stays where it was.
export function More({ of }: { of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
    const [went, go] = useState(false);
    const end = useRef<HTMLParagraphElement>(null);
    const over = went && !of.hasNextPage;
    useEffect(() => {
        if (over && (document.activeElement ?? document.body) === document.body) {
            end.current?.focus({ preventScroll: true });
        }
    }, [over]);
    if (!of.hasNextPage && !over) {
        return null;
    }
    return (
        <Center py="sm">
            {over ? (
                <p className="soft" style={{ margin: 0 }} tabIndex={-1} ref={end}>
                    That is all.
                </p>
            ) : (
                <Button
                    variant="default"
                    loading={of.isFetchingNextPage}
                    onClick={() => {
                        go(true);
                        void of.fetchNextPage();
                    }}
                >
                    More
                </Button>
            )}
        </Center>
    );
}
