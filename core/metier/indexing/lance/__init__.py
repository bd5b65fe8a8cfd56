"""The store on disk or in object storage: LanceDB tables, shared by any number of processes."""
