package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"dse/accel"
	"dse/reports"
)

func newAccelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "accel",
		Short: "List, show and check accelerators",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newAccelListCommand(), newAccelShowCommand(), newAccelCheckCommand())
	return c
}

func newAccelListCommand() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use: "list", Short: "List the accelerators that come with dse", Args: cobra.NoArgs,
		Example: "  dse accel list",
		RunE: func(c *cobra.Command, _ []string) error {
			type preset struct {
				Name        string `json:"name"`
				Status      string `json:"status"`
				Description string `json:"description"`
			}
			var all []preset
			for _, name := range accel.Presets() {
				a, err := accel.Load(name)
				if err != nil {
					return err
				}
				all = append(all, preset{name, a.Status.String(), a.Description})
			}
			w := c.OutOrStdout()
			if asJSON {
				return writeJSON(w, all)
			}
			for _, p := range all {
				fmt.Fprintf(w, "%-18s %-10s %s\n", p.Name, p.Status, p.Description)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func newAccelShowCommand() *cobra.Command {
	asYAML, asJSON := false, false
	c := &cobra.Command{
		Use: "show NAME|FILE", Short: "Show an accelerator's numbers with their sources", Args: cobra.ExactArgs(1),
		Example: "  dse accel show edge-npu\n  dse accel show edge-npu --yaml > my-chip.yaml   a file to start from",
		RunE: func(c *cobra.Command, args []string) error {
			a, err := accel.Load(args[0])
			if err != nil {
				return input(err)
			}
			w := c.OutOrStdout()
			if asYAML {
				if text, ok := accel.PresetText(a.Name); ok && args[0] != a.Name+".yaml" {
					_, err = w.Write(text)
				} else {
					_, err = w.Write(accel.Format(a))
				}
				return err
			}
			if asJSON {
				return writeAccelerator(w, a)
			}
			var rows []reports.Entry
			for _, r := range accel.Rows(a) {
				rows = append(rows, reports.Entry{Key: r.Key, Value: r.Value, Source: r.Source})
			}
			heading := fmt.Sprintf("%s (%s): %s", a.Name, a.Status.String(), a.Description)
			if err := reports.WriteEntries(w, []string{heading}, rows, tableOptions(w)); err != nil {
				return err
			}
			return writeArea(w, a)
		},
	}
	c.Flags().BoolVar(&asYAML, "yaml", false, "print the YAML file, to start one's own from")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.MarkFlagsMutuallyExclusive("yaml", "json")
	return c
}

func newAccelCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check FILE...", Short: "Check accelerator files and report everything wrong with them", Args: cobra.MinimumNArgs(1),
		Example: "  dse accel check my-chip.yaml",
		RunE: func(c *cobra.Command, args []string) error {
			for _, name := range args {
				a, err := accel.Load(name)
				if err != nil {
					return input(err)
				}
				fmt.Fprintf(c.OutOrStdout(), "%s: %s is a good accelerator file\n", name, a.Name)
			}
			return nil
		},
	}
}
