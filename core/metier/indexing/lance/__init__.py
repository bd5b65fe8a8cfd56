"""The store on disk or in an object store: LanceDB tables, read and written by any processes."""
