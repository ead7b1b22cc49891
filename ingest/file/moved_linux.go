package file

import (
	"io/fs"
	"syscall"
)

// movedIn says that a file was renamed into its place after its last write, so
// that its writer is done: a rename changes the time of the inode, not that of
// the content. A file changed by both at once is not known to be whole.
func movedIn(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && (s.Ctim.Sec > s.Mtim.Sec || s.Ctim.Sec == s.Mtim.Sec && s.Ctim.Nsec > s.Mtim.Nsec)
}
