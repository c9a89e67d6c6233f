import { useLocation, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

// To another address, in place of this one. The router's own <Navigate> goes again whenever what surrounds it is drawn
// anew, and every navigation draws its surroundings anew: it would never arrive.
export function Onward({ to }: { to: string }) {
    const router = useRouter();
    useEffect(() => router.history.replace(to), [router, to]);
    return null;
}

// To the sign-in, and from there back to where somebody wanted to be.
export function SignInFirst({ back }: { back?: string }) {
    const { href } = useLocation();
    const [wanted] = useState(back ?? href);
    return <Onward to={`/sign-in?to=${encodeURIComponent(wanted)}`} />;
}
