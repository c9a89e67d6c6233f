import { useEffect, useState } from 'react';

const PAGES = {
  '/': { title: 'Tides', text: 'The sea comes in, the sea goes out. Drag the moon to see why.' },
  '/about': {
    title: 'About',
    text: 'A single-page app: this address has no file of its own, and still answers.',
  },
};

function useLocation() {
  const [path, setPath] = useState(window.location.pathname);
  useEffect(() => {
    const moved = () => setPath(window.location.pathname);
    window.addEventListener('popstate', moved);
    return () => window.removeEventListener('popstate', moved);
  }, []);
  const go = (to) => (event) => {
    event.preventDefault();
    window.history.pushState(null, '', to);
    setPath(to);
  };
  return [path, go];
}

function Sea({ moon }) {
  const swell = 6 + 26 * Math.cos((moon / 180) * Math.PI) ** 2;
  const wave = Array.from({ length: 41 }, (_, i) => {
    const x = i * 15;
    const y = 150 - swell * Math.cos((i / 40) * 2 * Math.PI - (moon / 180) * Math.PI);
    return `${x},${y.toFixed(1)}`;
  }).join(' ');
  const x = 300 + 240 * Math.cos(((180 - moon) / 180) * Math.PI);
  const y = 110 - 80 * Math.sin((moon / 180) * Math.PI);
  return (
    <svg viewBox="0 0 600 220" role="img" aria-label="The sea under the moon">
      <circle cx={x} cy={y} r="16" className="moon" />
      <polygon points={`0,220 ${wave} 600,220`} className="sea" />
    </svg>
  );
}

export function App() {
  const [path, go] = useLocation();
  const [moon, setMoon] = useState(60);
  const page = PAGES[path] ?? { title: 'Adrift', text: `Nothing is moored at ${path}.` };
  return (
    <main>
      <nav>
        <a href="/" onClick={go('/')}>Tides</a>
        <a href="/about" onClick={go('/about')}>About</a>
      </nav>
      <h1>{page.title}</h1>
      <p>{page.text}</p>
      <Sea moon={moon} />
      <label>
        Moon
        <input type="range" min="0" max="180" value={moon} onChange={(e) => setMoon(Number(e.target.value))} />
      </label>
    </main>
  );
}
