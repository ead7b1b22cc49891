package engine

import (
	"fmt"
	"os"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// logFile is the standard output and error of an engine process: its own messages and what the library writes. It
// grows to maxLog bytes and is then kept once as NAME.1.
type logFile struct{ path string }

const maxLog = 4 << 20

func openLog(path string) (*logFile, error) {
	log := &logFile{path: path}
	return log, log.reopen()
}

// reopen moves a log that has grown out of the way.
func (l *logFile) reopen() error {
	if info, err := os.Stat(l.path); err == nil && info.Size() > maxLog {
		if err := os.Rename(l.path, l.path+".1"); err != nil {
			return fmt.Errorf("engine log: %w", err)
		}
	}
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("engine log: %w", err)
	}
	defer file.Close()
	for _, standard := range []int{1, 2} {
		if err := redirect(file, standard); err != nil {
			return fmt.Errorf("engine log: %w", err)
		}
	}
	return nil
}

func (l *logFile) keepSmall() {
	for range time.Tick(time.Minute) {
		if info, err := os.Stat(l.path); err == nil && info.Size() > maxLog {
			_ = l.reopen() // there is nowhere to complain
		}
	}
}

func (l *logFile) logger() *zap.Logger {
	encoder := zap.NewProductionEncoderConfig()
	encoder.EncodeTime = zapcore.ISO8601TimeEncoder
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoder), zapcore.Lock(os.Stderr), zap.InfoLevel))
}

// captureStderr runs work with the standard error going to a file at path and returns what was written there, passing
// it on as well. The file stays if the process dies.
func captureStderr(path string, work func() error) (said string, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", fmt.Errorf("engine start: %w", err)
	}
	defer file.Close()
	restore, err := swapStderr(file)
	if err != nil {
		return "", fmt.Errorf("engine start: %w", err)
	}
	failed := work()
	restore()
	text, err := os.ReadFile(path)
	if err == nil {
		_, _ = os.Stderr.Write(text)
		_ = os.Remove(path)
	}
	return string(text), failed
}
