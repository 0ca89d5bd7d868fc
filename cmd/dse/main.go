// Command dse explores how far a neural network can be quantized for a given edge accelerator: it
// simulates the network on the chip, trains it with bit-widths learned under the simulated costs,
// and charts memory against accuracy, latency and energy.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes. Interrupted is the shell's convention for a process ended by Ctrl-C.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "dse: %v\n", err)
	if isInput(err) {
		return exitUsage
	}
	return exitFailure
}

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "dse",
		Short: "Find how far a network can be quantized for an edge accelerator",
		Long: `dse finds out how much memory, time and energy a neural network needs on an edge
accelerator at each accuracy, when its bit-widths are learned for that chip.`,
		Example: `  dse run --accel edge-npu.yaml          train and search for ten minutes, then show the front
  dse sim --accel edge-npu --bits 4/8    what each layer costs on the chip
  dse accel show edge-npu                the numbers behind the chip and their sources
  dse model list                         the networks that come with dse`,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &inputError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
	})
	root.AddCommand(newRunCommand(), newTrainCommand(), newReportCommand(), newSimCommand(), newAccelCommand(), newModelCommand(),
		newValidateCommand(), newBenchCommand(), newStudyCommand(), newSweepCommand())
	for _, c := range root.Commands() {
		usageArgs(c)
	}
	return root
}

// usageArgs makes errors about the number of arguments count as wrong usage.
func usageArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return &inputError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		usageArgs(sub)
	}
}
