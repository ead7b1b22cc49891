package engine

import (
	"os"
	"syscall"
)

// redirect makes the descriptor standard mean file.
func redirect(file *os.File, standard int) error {
	return syscall.Dup3(int(file.Fd()), standard, 0)
}

// swapStderr lets the standard error go to file until restore is called.
func swapStderr(file *os.File) (restore func(), err error) {
	kept, err := syscall.Dup(2)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(kept)
	if err := redirect(file, 2); err != nil {
		return nil, err
	}
	return func() {
		_ = syscall.Dup3(kept, 2, 0)
		_ = syscall.Close(kept)
	}, nil
}

// widen gives a pipe room for a megabyte, if the system allows: fewer switches between writer and reader.
func widen(pipe *os.File) {
	const setPipeSize = 1031 // F_SETPIPE_SZ
	raw, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, 1<<20)
	})
}
