from hypothesis import settings

# machines that build several things at once are slow at times: no test fails for that
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
