//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package study

import "io"

func acquireLock(path string) (io.Closer, error) { return sqliteLock(path) }
