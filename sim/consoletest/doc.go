// Package consoletest drives the console as people do: a real browser, the daemon as it
// is started from the command line, and the simulators as both sides. It needs Chromium,
// which scripts/setup installs, and for the checks of accessibility the packages of
// sim/clients.
package consoletest
