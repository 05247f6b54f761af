package main

import (
	"context"
	"os"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/spf13/cobra"
)

// storeAddress is the environment's variable for a server's address and login,
// which no flag takes.
const storeAddress = "SIHCTL_STORE_DSN"

// aloneOptions are those of a reconciliation without a project.
type aloneOptions struct {
	snapshots          []string
	store, schema, out string
	config, mapping    string
	country            string
	keys               keyOptions
}

func (o *aloneOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.snapshots, "snapshot", nil, "`folder` of a snapshot, once for each source: reconcile it without a project")
	f.StringVar(&o.store, "store", "", "`file` of the unified store, or "+storeAddress+" for the server whose address that variable holds")
	f.StringVar(&o.schema, "store-schema", "", "where in the server's database the store lies (default unified)")
	f.StringVar(&o.out, "out", pipeline.WorkbookName, "`file` of the workbook of a reconciliation without a project")
	f.StringVar(&o.config, "config", "", "`file` with what was agreed, a copy of the project's sihctl.yaml: tolerances, scope, facilities, declared figures")
	f.StringVar(&o.mapping, "mapping", "", "`folder` of the mappings, one for each system, where they are not the built-in ones")
	f.StringVar(&o.country, "country", "ma", "country whose years are counted where no --config says: ma or dz")
	o.keys.addFlags(cmd)
}

func (o *aloneOptions) asked() bool { return len(o.snapshots) > 0 || o.store != "" }

func runReconcileAlone(ctx context.Context, g *globals, o aloneOptions, unmasked bool) error {
	if len(o.snapshots) == 0 || o.store == "" {
		return usagef("give both, --snapshot once for each source", "a reconciliation without a project needs --snapshot and --store")
	}
	q := pipeline.Alone{Snapshots: o.snapshots, Store: o.store, Schema: o.schema, Config: o.config, Mapping: o.mapping, Country: o.country, Out: o.out, Lang: g.lang, Unmasked: unmasked, Version: toolVersion()}
	if o.store == storeAddress {
		if q.Store = os.Getenv(storeAddress); q.Store == "" {
			return usagef("set it to the server's address, postgres://…, sqlserver://… or mysql:…", "%s is not set", storeAddress)
		}
	}
	var err error
	if q.Keys, err = o.keys.keyring(nil, nil); err != nil {
		return err
	}
	r, err := pipeline.ReconcileAlone(ctx, q)
	if err != nil {
		return err
	}
	result := newReconcileResult(r)
	err = g.show(result, func() error { return g.showReconcile(result) })
	return first(err, verdict(r))
}
