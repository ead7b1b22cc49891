package engine

import (
	"fmt"
	"syscall"
	"unsafe"
)

// sigaction is the kernel's struct sigaction, kept as opaque bytes: it is only ever put back where it came from.
type sigaction [64]byte

const lastSignal = 64

// keepSignals remembers what the process does on each signal and returns a function that restores it.
//
// libchdb puts eight fatal signals back to their default action at each chdb_connect, even when told to leave signals
// alone; without Go's handlers a nil dereference ends the process without a trace instead of a panic.
func keepSignals() (restore func(), err error) {
	var saved [lastSignal + 1]sigaction
	for signal := 1; signal <= lastSignal; signal++ {
		if !settable(signal) {
			continue
		}
		if err := rtSigaction(signal, nil, &saved[signal]); err != nil {
			return nil, err
		}
	}
	return func() {
		for signal := 1; signal <= lastSignal; signal++ {
			if settable(signal) {
				_ = rtSigaction(signal, &saved[signal], nil) // what was read can be written
			}
		}
	}, nil
}

func settable(signal int) bool {
	return signal != int(syscall.SIGKILL) && signal != int(syscall.SIGSTOP)
}

func rtSigaction(signal int, set, get *sigaction) error {
	const kernelSetSize = 8 // bytes of the kernel's sigset_t
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(signal),
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(get)), kernelSetSize, 0, 0)
	if errno != 0 {
		return fmt.Errorf("sigaction of signal %d: %w", signal, errno)
	}
	return nil
}
