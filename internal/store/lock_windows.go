package store

import (
	"errors"
	"syscall"
)

// sharingViolation is Windows' ERROR_SHARING_VIOLATION.
const sharingViolation = syscall.Errno(32)

// lockFile takes the engine's lock: the file is opened without sharing, which
// the system ends together with the process.
func lockFile(path string) (release func() error, err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, &Error{Code: BadReference, Message: "cannot open the store's lock file", Err: err}
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, errorf(Locked, "an engine is running on this store: stop it, or use a verb that asks it")
	}
	if err != nil {
		return nil, &Error{Code: BadReference, Message: "cannot open the store's lock file", Err: err}
	}
	return func() error { return syscall.CloseHandle(h) }, nil
}

// fileLocked reports whether a process holds the lock.
func fileLocked(path string) (bool, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return false, &Error{Code: BadReference, Message: "cannot open the store's lock file", Err: err}
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ, syscall.FILE_SHARE_READ|syscall.FILE_SHARE_WRITE, nil, syscall.OPEN_EXISTING, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, sharingViolation):
		return true, nil
	case errors.Is(err, syscall.ERROR_FILE_NOT_FOUND):
		return false, nil
	case err != nil:
		return false, &Error{Code: BadReference, Message: "cannot open the store's lock file", Err: err}
	}
	return false, syscall.CloseHandle(h)
}
