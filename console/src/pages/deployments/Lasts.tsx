import { useEffect, useState } from 'react';
import { duration } from '@/parts/units';
import { lasted, type Deployment } from './deeds';

// How long a deployment that moves has taken, by the second.
export function Lasts({ of }: { of: Deployment }) {
    const [now, setNow] = useState(Date.now);
    useEffect(() => {
        const ticking = setInterval(() => setNow(Date.now()), 1000);
        return () => clearInterval(ticking);
    }, []);
    return <>{duration(Math.floor(lasted(of, now) / 1000) * 1000)}</>;
}
