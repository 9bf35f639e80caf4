import type { UseQueryResult } from '@tanstack/react-query';
import type { Loaded } from '../types';

/** A query's answer in the terms of the data layer: an error counts only while there is nothing to show. */
export function loaded<T>(query: UseQueryResult<T>, retry: () => void = () => void query.refetch()): Loaded<T> {
  if (query.data !== undefined) return { status: 'ready', data: query.data, error: null, retry };
  if (query.status === 'error') return { status: query.fetchStatus === 'fetching' ? 'loading' : 'error', data: undefined, error: query.error, retry };
  return { status: 'loading', data: undefined, error: null, retry };
}
