import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import { useAuth } from '../../data';
import { useTitle } from '../../app/useTitle';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { useSubmit } from '../../ui/useSubmit';
import { AuthFrame, FormError } from './AuthFrame';

export default function RegisterPage() {
  const { register } = useAuth();
  const { search } = useLocation();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const form = useSubmit(() => register({ name: name.trim(), email: email.trim(), password }));
  useTitle('Create an account');
  return (
    <AuthFrame title="Create your account" lead="A task board that feels instant." foot={<>Have an account? <Link className="font-medium text-accent-text underline" to={`/login${search}`}>Sign in</Link></>}>
      <form className="grid gap-4" onSubmit={form.onSubmit} noValidate>
        <FormError>{form.error}</FormError>
        <Field label="Your name" name="name" autoComplete="name" autoFocus required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} error={form.fields.name} />
        <Field label="E-mail" name="email" type="email" autoComplete="email" required value={email} onChange={(event) => setEmail(event.target.value)} error={form.fields.email} />
        <Field label="Password" name="password" type="password" autoComplete="new-password" required hint="At least 8 characters, one of them a digit" value={password} onChange={(event) => setPassword(event.target.value)} error={form.fields.password} />
        <Button variant="primary" type="submit" busy={form.busy} disabled={!name.trim() || !email.trim() || !password}>
          Create account
        </Button>
      </form>
    </AuthFrame>
  );
}
