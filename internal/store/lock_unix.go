//go:build !windows

package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// lockFile takes the engine's lock: an exclusive flock, which the kernel drops
// when the process ends, so that a crash leaves nothing to clean up. The file
// holds the owner's process id for the message only.
func lockFile(path string) (release func() error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &Error{Code: BadReference, Message: "cannot open the store's lock file: give another path or the right to write there", Err: err}
	}
	for try := 1; ; try++ {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if try == lockTries {
			defer f.Close()
			return nil, lockedBy(f, path, err)
		}
		<-time.After(lockPause)
	}
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return f.Close, nil
}

// A look whether an engine runs holds the lock for an instant: what finds it held
// tries again before it believes in an engine.
const (
	lockTries = 4
	lockPause = 2 * time.Millisecond
)

// fileLocked reports whether a process holds the lock.
func fileLocked(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, &Error{Code: BadReference, Message: "cannot open the store's lock file: give the right to read it", Err: err}
	}
	defer f.Close() // and with it the lock
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
		return false, &Error{Code: Unavailable, Message: "cannot look at the lock " + path, Err: err}
	}
	return err != nil, nil
}

func lockedBy(f *os.File, path string, cause error) error {
	if !errors.Is(cause, syscall.EWOULDBLOCK) {
		return &Error{Code: Unavailable, Message: "cannot lock " + path, Err: cause}
	}
	buf := make([]byte, 32)
	n, _ := f.Read(buf)
	return errorf(Locked, "an engine is running on this store (process %s): stop it, or use a verb that asks it", strings.TrimSpace(string(buf[:n])))
}
