import type { ApiDeps } from '../../core/api.ts'
export function startSending(_deps: ApiDeps, _tenantId: number): void {}
