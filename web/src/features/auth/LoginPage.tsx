import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import { useAuth } from '../../data';
import { useTitle } from '../../app/useTitle';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { useSubmit } from '../../ui/useSubmit';
import { AuthFrame, FormError } from './AuthFrame';

export default function LoginPage() {
  const { login } = useAuth();
  const { search } = useLocation();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  // The page that asked for the sign-in comes up by itself once there is a session.
  const form = useSubmit(() => login({ email: email.trim(), password }));
  useTitle('Sign in');
  return (
    <AuthFrame title="Sign in to TaskFlow" foot={<>New here? <Link className="font-medium text-accent-text underline" to={`/register${search}`}>Create an account</Link></>}>
      <form className="grid gap-4" onSubmit={form.onSubmit} noValidate>
        <FormError>{form.error}</FormError>
        <Field label="E-mail" name="email" type="email" autoComplete="username" autoFocus required value={email} onChange={(event) => setEmail(event.target.value)} error={form.fields.email} />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} error={form.fields.password} />
        <Button variant="primary" type="submit" busy={form.busy} disabled={!email.trim() || !password}>
          Sign in
        </Button>
      </form>
    </AuthFrame>
  );
}
