// Who talks to whom, what is to be done next, and who works what.
export default {
  'work.tasks': 'Tasks',
} as const
