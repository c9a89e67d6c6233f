import { useNetwork } from '@mantine/hooks';
import { useLiveState } from '@/live/hooks';
import { useEffect, useState } from 'react';
import classes from './Frame.module.css';

const PATIENCE_MS = 4000;

// Says when what is shown may be old: no network, or the live connection is lost for longer than a moment.
export function Away() {
    const { online } = useNetwork();
    const lost = useLiveState() === 'lost';
    const [long, setLong] = useState(false);
    useEffect(() => {
        setLong(false);
        const timer = lost ? setTimeout(() => setLong(true), PATIENCE_MS) : undefined;
        return () => clearTimeout(timer);
    }, [lost]);
    if (online && !(lost && long)) {
        return null;
    }
    return (
        <div className={classes.away} role="status">
            {online ? 'The live connection is lost; trying again. What you see may be a little old.' : 'You are offline. What you see is what was known last.'}
        </div>
    );
}
