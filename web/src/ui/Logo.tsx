/** The mark: three lines of work, the middle one under way. */
export function Logo({ className = 'size-6' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0b6e66" />
      <g fill="none" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round">
        <path d="M7 10h11M7 22h11" stroke="#fff" />
        <path d="M11 16h14M20.5 11.5 25 16l-4.5 4.5" stroke="#8ee6d8" />
      </g>
    </svg>
  );
}
