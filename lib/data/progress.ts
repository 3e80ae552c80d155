/** How far a piece of work is; what kind of work it is where there are several. */
export type Progress = (done: number, total: number, work?: 'download' | 'check' | 'unpack' | 'copy') => void;
