package dram

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Device)
		want   string
	}{
		{"no standard", func(d *Device) { d.Standard = nil }, "set one of DDR3"},
		{"banks", func(d *Device) { d.BanksPerGroup = 12 }, "banks per group must be a power of two, got 12"},
		{"no channel", func(d *Device) { d.Channels = 0 }, "channels must be a power of two, got 0"},
		{"bus narrower than chip", func(d *Device) { d.BusWidth = 8 }, "a bus of 8 bits cannot be made of chips of 16 bits"},
		{"row shorter than burst", func(d *Device) { d.Columns = 8 }, "a row of 8 columns is shorter than a burst of 16 beats"},
		{"too many banks", func(d *Device) { d.Ranks, d.Timing[NREFI] = 16, 1<<20 }, "128 banks per channel exceed the limit of 64"},
		{"rows", func(d *Device) { d.Rows = 1 << 31 }, "rows exceed the limit"},
		{"clock", func(d *Device) { d.Clock = 0 }, "clock period must be at least 1 ps, got 0"},
		{"negative time", func(d *Device) { d.Timing[NRCD] = -1 }, "nRCD must lie between 0 and"},
		{"no burst", func(d *Device) { d.Timing[NBL] = 0 }, "nBL must be at least one clock, got 0"},
		{"refresh", func(d *Device) { d.Timing[NREFI] = 500 }, "a refresh every nREFI = 500 clocks"},
		{"queues", func(d *Device) { d.Policy.BankQueue = 65 }, "bank queues at most 64"},
		{"mapping, length", func(d *Device) { d.Mapping = "roco" }, "want each of ro, ra, ba, bg, co, ch once"},
		{"mapping, field", func(d *Device) { d.Mapping = "rochrababgcx" }, `field "cx"`},
		{"mapping, twice", func(d *Device) { d.Mapping = "rochrababaco" }, `field "ba" is unknown or there twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := device(t, "lpddr4_3200_x16")
			c.change(&d)
			err := d.Check()
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), d.Name) {
				t.Errorf("got %v, want it to contain %q and the device", err, c.want)
			}
		})
	}
	t.Run("all findings at once", func(t *testing.T) {
		d := device(t, "lpddr4_3200_x16")
		d.Rows, d.Clock = 3, 0
		if err := d.Check(); err == nil || !strings.Contains(err.Error(), "rows") || !strings.Contains(err.Error(), "clock") {
			t.Errorf("got %v", err)
		}
	})
}

func TestSizes(t *testing.T) {
	d := device(t, "ddr4_2400_x64_2r_bglo") // four chips of 16 bits
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"burst, bytes", float64(d.BurstBytes()), 64},     // 64 bit x 8 beats
		{"row, bytes", float64(d.RowBytes()), 8192},       // 1024 columns x 64 bit
		{"capacity, GiB", float64(d.Capacity() >> 30), 8}, // 8 chips of 8 Gb
		{"peak, GB/s", float64(d.Peak()) / 1e9, 64 / (4 * 0.83)},
		{"1000 clocks, ns", float64(d.Nanoseconds(1000)), 830},
	} {
		if math.Abs(c.got-c.want) > 1e-9*c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestMapping decodes addresses by hand: rochrababgco walks the row, then the groups, then the banks
// of a group, then the rows; rorababgcoch changes the channel with each burst.
func TestMapping(t *testing.T) {
	for _, c := range []struct {
		device             string
		addr               uint64
		channel, bank, row int
	}{
		{"lpddr4_3200_x16", 0, 0, 0, 0},
		{"lpddr4_3200_x16", 2047, 0, 0, 0},
		{"lpddr4_3200_x16", 2048, 0, 1, 0},
		{"lpddr4_3200_x16", 8 * 2048, 0, 0, 1},
		{"lpddr4_3200_x16", 1 << 30, 0, 0, 0},     // beyond the device
		{"lpddr4_2400_x16", 2048, 0, 4, 0},        // group 1
		{"lpddr4_2400_x16", 2 * 2048, 0, 1, 0},    // group 0, bank 1
		{"lpddr4_3200_2x16", 32, 1, 0, 0},         // next burst
		{"lpddr4_3200_2x16", 4096, 0, 1, 0},       // both channels' rows are full
		{"lpddr4_2400_x16_banklo", 32, 0, 4, 0},   // group lowest
		{"lpddr4_2400_x16_banklo", 64, 0, 1, 0},   // then bank
		{"ddr4_2400_x64_2r_bghi", 65536, 0, 8, 0}, // 8 banks of 8 KiB, then rank
		{"ddr4_2400_x64_2r_bghi", 2 * 65536, 0, 0, 1},
	} {
		d := device(t, c.device)
		x, err := newDecoder(&d)
		if err != nil {
			t.Fatal(err)
		}
		if p := x.place(c.addr); p.channel != c.channel || p.bank != c.bank || int(p.row) != c.row {
			t.Errorf("%s: address %d lies in %+v, want channel %d, bank %d, row %d", c.device, c.addr, p, c.channel, c.bank, c.row)
		}
	}
}

// TestMappingIsInjective: no two bursts of a device share channel, bank, row and column, whatever the
// order of the fields.
func TestMappingIsInjective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := catalogue[rapid.IntRange(0, len(catalogue)-1).Draw(t, "device")]
		d.Rows, d.Columns = 4, 4*d.BurstLength
		fields := rapid.Permutation([]string{"ro", "ra", "ba", "bg", "co", "ch"}).Draw(t, "fields")
		d.Mapping = strings.Join(fields, "")
		x, err := newDecoder(&d)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[[4]int]uint64{}
		step := uint64(d.BurstBytes())
		for addr := uint64(0); addr < uint64(d.Capacity()); addr += step {
			p := x.place(addr)
			key := [4]int{p.channel, p.bank, int(p.row), int(x.col.of(p.burst))}
			if other, ok := seen[key]; ok {
				t.Fatalf("mapping %s: addresses %d and %d share %v", d.Mapping, other, addr, key)
			}
			seen[key] = addr
		}
	})
}
