package killtest

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// onWrites calls kill at the n-th time from now on that something is written to the log
// of a SQLite store. stop ends the watching.
func onWrites(t *testing.T, store string, n int, kill func()) (stop func()) {
	t.Helper()
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := syscall.InotifyAddWatch(fd, filepath.Dir(store), syscall.IN_MODIFY); err != nil {
		t.Fatal(err)
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer syscall.Close(fd)
		for buf := make([]byte, 4096); ; {
			got, err := syscall.Read(fd, buf)
			if err != nil && err != syscall.EAGAIN && err != syscall.EINTR {
				return
			}
			for range named(buf[:max(got, 0)], filepath.Base(store)+"-wal") {
				if n--; n == 0 {
					kill()
				}
			}
			select {
			case <-end:
				return
			case <-time.After(100 * time.Microsecond):
			}
		}
	}()
	return func() { close(end); <-ended }
}

// named counts the events about a file: inotify(7).
func named(events []byte, file string) (n int) {
	for len(events) >= syscall.SizeofInotifyEvent {
		size := syscall.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(events[12:]))
		if string(bytes.TrimRight(events[syscall.SizeofInotifyEvent:size], "\x00")) == file {
			n++
		}
		events = events[size:]
	}
	return n
}
