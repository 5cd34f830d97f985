"""The doors: the command line. They call the pipeline and hold no stage of their own."""
