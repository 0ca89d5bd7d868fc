package main

import (
	"errors"
	"strings"
	"syscall"

	"dse/search/study"
)

// inputError marks errors that the user can put right; they end the program with exitUsage.
type inputError struct{ err error }

func (e *inputError) Error() string { return e.err.Error() }
func (e *inputError) Unwrap() error { return e.err }

// input marks err as the user's, if it is not nil.
func input(err error) error {
	if err == nil {
		return nil
	}
	return &inputError{err}
}

// isInput reports whether an error is the user's to put right. A full disk is: nothing was lost,
// and the same command goes on once there is room.
func isInput(err error) bool {
	var own *inputError
	var study_ *study.InputError
	return errors.As(err, &own) || errors.As(err, &study_) || errors.Is(err, study.ErrDiskFull) || errors.Is(err, syscall.ENOSPC) || unknownCommand(err)
}

// unknownCommand recognises cobra's error for a mistyped command, which has no type.
func unknownCommand(err error) bool {
	return strings.HasPrefix(err.Error(), "unknown command") || strings.HasPrefix(err.Error(), "required flag")
}
