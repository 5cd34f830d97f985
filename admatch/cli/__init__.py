"""The command line. It calls the pipeline and has no stage of its own."""
