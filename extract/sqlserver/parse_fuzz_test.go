package sqlserver_test

import (
	"testing"

	"github.com/sihctl/sih/extract/sqlserver"
)

// FuzzGreeting and FuzzBrowser give what whoever listens on a port may answer.
func FuzzGreeting(f *testing.F) {
	f.Add([]byte("\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff\x0a\x32\x19\x00\x00\x00\x02"))
	f.Add([]byte("220 mail.hospital.example ESMTP\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if major, err := sqlserver.ParseGreeting(b); err == nil && major == 0 {
			t.Error("a greeting without a version was taken")
		}
	})
}

func FuzzBrowser(f *testing.F) {
	f.Add("ServerName;A;InstanceName;HOSIX;IsClustered;No;Version;10.50.6000.34;tcp;1444;;ServerName;A;InstanceName;B;tcp;1;;", "hosix")
	f.Add(";;;InstanceName;;tcp;99999", "")
	f.Fuzz(func(t *testing.T, text, instance string) {
		if port, err := sqlserver.PortOf(text, instance); (err == nil) != (port != 0) {
			t.Errorf("got port %d, error %v", port, err)
		}
	})
}
