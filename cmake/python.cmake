# Finds the Python that has torch; sets SB_PYTHON. Tests run the tools of tools/ with it.
if(NOT SB_PYTHON)
  # SB_TORCH is .../lib/pythonX.Y/site-packages/torch; its interpreter is .../bin/python3.
  get_filename_component(sb_prefix "${SB_TORCH}/../../../.." ABSOLUTE)
  find_program(SB_PYTHON NAMES python3 python HINTS ${sb_prefix}/bin)
endif()
