import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import type { Department, Outlet, Region, RoleMatrix } from '../wire.ts'

export const useRoles = (enabled = true) =>
  useQuery({ queryKey: ['roles'], enabled, queryFn: () => api<RoleMatrix>('GET', '/api/admin/roles') })
export const useRegions = (enabled = true) =>
  useQuery({
    queryKey: ['regions'],
    enabled,
    queryFn: () => api<{ items: Region[] }>('GET', '/api/admin/regions'),
  })
export const useDepartments = (enabled = true) =>
  useQuery({
    queryKey: ['departments'],
    enabled,
    queryFn: () => api<{ items: Department[] }>('GET', '/api/admin/departments'),
  })
export const useOutlets = (enabled = true) =>
  useQuery({
    queryKey: ['outlets'],
    enabled,
    queryFn: () => api<{ items: Outlet[] }>('GET', '/api/admin/outlets'),
  })
