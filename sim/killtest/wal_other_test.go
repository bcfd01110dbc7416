//go:build unix && !linux

package killtest

import "testing"

// onWrites watches nothing where files cannot be watched: the program is killed later.
func onWrites(*testing.T, string, int, func()) (stop func()) { return func() {} }
