//go:build !linux

package engine

import "os"

func redirect(*os.File, int) error        { return errUnsupported }
func swapStderr(*os.File) (func(), error) { return nil, errUnsupported }
func widen(*os.File)                      {}
